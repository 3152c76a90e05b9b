import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

export default defineConfig({
    plugins: [vue()],
    // Nothing is put into the page itself: its content policy allows no inline style, script or font.
    build: {
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        target: "es2022",
        chunkSizeWarningLimit: 900,
        rollupOptions: {
            input: ["index.html", "src/citizen.css"],
            // The citizen's page is written by the server, which must know what its style sheet is called.
            output: { assetFileNames: (file) => (file.names.includes("citizen.css") ? "citizen.css" : "assets/[name]-[hash][extname]") },
        },
    },
    server: { proxy: { "/api": "http://127.0.0.1:8000" } },
});
