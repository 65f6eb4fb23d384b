import { render } from "preact";
import { App } from "./app.tsx";
import "./style/tokens.css";
import "./style/frame.css";
import "./style/parts.css";
import "./style/pictures.css";
import { restoreTheme } from "./theme.ts";

restoreTheme();
const page = document.getElementById("page");
if (page !== null) render(<App />, page);
