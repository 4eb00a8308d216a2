import stringWidth from "string-width";
import { fit } from "./fit";
import { bytesText } from "./units";

/** An eighth of a column to seven. */
const PARTS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const WIDEST = 60;
const NARROWEST = 10;

export interface Bar {
  label: string;
  bytes: number;
}

/** A line for each: its label, its bytes, and a bar as long as they are beside the largest. What is not nought shows. */
export function bars(
  rows: readonly Bar[],
  { width = 80, paint = (text: string) => text } = {},
): string[] {
  const labels = Math.max(0, ...rows.map(({ label }) => stringWidth(label)));
  const figures = rows.map(({ bytes }) => bytesText(bytes));
  const figureWidth = Math.max(0, ...figures.map((figure) => figure.length));
  const room = Math.min(WIDEST, Math.max(NARROWEST, width - labels - figureWidth - 4));
  const largest = Math.max(1, ...rows.map(({ bytes }) => bytes));
  return rows.map(({ label, bytes }, at) => {
    const eighths = bytes === 0 ? 0 : Math.max(1, Math.round((bytes / largest) * room * 8));
    const bar = "█".repeat(Math.floor(eighths / 8)) + (PARTS[eighths % 8] ?? "");
    const line = `${fit(label, labels)}  ${fit(figures[at] ?? "", figureWidth, "right")}`;
    return bar === "" ? line : `${line}  ${paint(bar)}`;
  });
}
