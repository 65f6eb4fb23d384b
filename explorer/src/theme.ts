// Dark or light: as the system says, until the reader says otherwise.

import { useState } from "preact/hooks";

type Theme = "dark" | "light";
const KEY = "theme";

const systems = (): Theme =>
  matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";

function chosen(): Theme | undefined {
  const found = localStorage.getItem(KEY);
  return found === "dark" || found === "light" ? found : undefined;
}

/** Shows the theme that the reader chose last. */
export function restoreTheme(): void {
  const theme = chosen();
  if (theme !== undefined) document.documentElement.dataset.theme = theme;
}

/** The theme, and a switch to the other one. */
export function useTheme(): { theme: Theme; toggle: () => void } {
  const [theme, setTheme] = useState<Theme>(chosen() ?? systems());
  const toggle = () => {
    const other = theme === "dark" ? "light" : "dark";
    if (other === systems()) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, other);
    document.documentElement.dataset.theme = other;
    setTheme(other);
  };
  return { theme, toggle };
}
