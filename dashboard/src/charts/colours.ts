/** The design tokens as a canvas wants them: a stylesheet's functions mean nothing to it. */

export interface Colours {
  up: string;
  down: string;
  volumeUp: string;
  volumeDown: string;
  text: string;
  line: string;
  surface: string;
  accent: string;
  warn: string;
}

/** The colours as they are now where the element stands. */
export function coloursOf(element: HTMLElement): Colours {
  const probe = element.appendChild(document.createElement("span"));
  const colour = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const [up, down] = [colour("up"), colour("down")];
  const colours = {
    up, down, volumeUp: faint(up), volumeDown: faint(down), text: colour("text-2"), line: colour("line"),
    surface: colour("surface"), accent: colour("accent"), warn: colour("warn"),
  };
  probe.remove();
  return colours;
}

function faint(rgb: string): string {
  return rgb.replace("rgb(", "rgba(").replace(")", ", 0.35)");
}

/** Call back whenever the colours change: by the page's choice, or the system's. */
export function onColours(changed: () => void): () => void {
  const chosen = new MutationObserver(changed);
  chosen.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", changed);
  return () => {
    chosen.disconnect();
    system.removeEventListener("change", changed);
  };
}
