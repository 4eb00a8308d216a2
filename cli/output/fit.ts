import stringWidth from "string-width";

const graphemes = new Intl.Segmenter();

/** Text in as many columns of a terminal: spaces behind it, or before it, or a `…` in place of its end. */
export function fit(text: string, width: number, align: "left" | "right" = "left"): string {
  const taken = stringWidth(text);
  const space = " ".repeat(Math.max(0, width - taken));
  if (taken <= width) return align === "left" ? text + space : space + text;
  let kept = "";
  let keptWidth = 0;
  for (const { segment } of graphemes.segment(text)) {
    const more = stringWidth(segment);
    if (keptWidth + more > width - 1) break;
    kept += segment;
    keptWidth += more;
  }
  return `${kept}…${" ".repeat(Math.max(0, width - 1 - keptWidth))}`;
}
