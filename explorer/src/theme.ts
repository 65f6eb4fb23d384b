// Dark or light: as the system says, until the reader says otherwise.

import { useState } from "preact/hooks";
import { useMedia } from "./parts/now.ts";

type Theme = "dark" | "light";
const KEY = "theme";

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
  const systems = useMedia("(prefers-color-scheme: dark)") ? "dark" : "light";
  const [own, setOwn] = useState(chosen);
  const theme = own ?? systems;
  const toggle = () => {
    const other = theme === "dark" ? "light" : "dark";
    if (other === systems) {
      localStorage.removeItem(KEY);
      delete document.documentElement.dataset.theme;
    } else {
      localStorage.setItem(KEY, other);
      document.documentElement.dataset.theme = other;
    }
    setOwn(chosen());
  };
  return { theme, toggle };
}
