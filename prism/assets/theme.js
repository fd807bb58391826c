// SPDX-License-Identifier: Apache-2.0

// Runs before anything is shown, so that a dark page does not flash. The
// reader's choice wins over the system's.
(() => {
  const key = "prism.theme";
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // a browser that keeps nothing
    }
  };
  const apply = () => {
    const theme = chosen() ?? (system.matches ? "dark" : "light");
    document.documentElement.dataset.theme = theme;
    document.dispatchEvent(new Event("themechange"));
  };
  window.toggle_theme = () => {
    const is_dark = document.documentElement.dataset.theme === "dark";
    try {
      localStorage.setItem(key, is_dark ? "light" : "dark");
    } catch {
      return;
    }
    apply();
  };
  system.addEventListener("change", apply);
  apply();
})();
