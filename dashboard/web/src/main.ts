import "@fkui/theme-default/dist/theme-auto.css";
import "@fkui/design/lib/fkui.css";
import "@fkui/design/lib/fonts.css";
import "./style.css";
import { ErrorPlugin, setRunningContext, ValidationPlugin } from "@fkui/vue";
import { createPinia } from "pinia";
import { createApp } from "vue";
import { createRouter, createWebHistory } from "vue-router";
import App from "./App.vue";
import { sv } from "./wording/sv";

const router = createRouter({
    history: createWebHistory(),
    routes: [
        { path: "/", component: () => import("./pages/StartPage.vue"), meta: { title: "" } },
        { path: "/desk", component: () => import("./pages/DeskPage.vue"), meta: { title: sv.nav.desk } },
        { path: "/supervisor", component: () => import("./pages/SupervisorPage.vue"), meta: { title: sv.nav.supervisor } },
        { path: "/phone", component: () => import("./pages/PhonePage.vue"), meta: { title: sv.nav.phone } },
        { path: "/:any(.*)", component: () => import("./pages/NotFoundPage.vue"), meta: { title: sv.notFound.title } },
    ],
});
router.afterEach((to) => {
    document.title = [to.meta.title, sv.product].filter(Boolean).join(" – ");
});

const app = createApp(App);
setRunningContext(app);
app.use(ErrorPlugin, { captureWarnings: false });
app.use(ValidationPlugin).use(createPinia()).use(router).mount("#app");
