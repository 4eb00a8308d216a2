import { describe, expect, it } from "vitest";
import { jsonLine, printable } from "../../cli/output/printable";
import { table } from "../../cli/output/table";

const COLUMNS = [
  { title: "ID", value: (row: Row) => row.id, whole: true },
  { title: "LABEL", value: (row: Row) => row.label },
  { title: "BYTES", value: (row: Row) => row.bytes, align: "right" as const },
];

interface Row {
  id: string;
  label: string;
  bytes: string;
}

describe("a table", () => {
  it("has its columns below each other, whatever is in them", () => {
    const rows = [
      { id: "100000001", label: "drone", bytes: "5 B" },
      { id: "100000002", label: "港の船", bytes: "12.0 MB" },
    ];
    expect(table(COLUMNS)(rows)).toEqual([
      "ID         LABEL     BYTES",
      "100000001  drone       5 B",
      "100000002  港の船  12.0 MB",
    ]);
  });

  it("cuts what has no room on the terminal, and never an id", () => {
    const rows = [{ id: "100000001", label: "a label that goes on and on", bytes: "5 B" }];
    expect(table(COLUMNS, { width: 30 })(rows)).toEqual([
      "ID         LABEL         BYTES",
      "100000001  a label tha…    5 B",
    ]);
  });

  it("goes on below what is drawn, in the same columns", () => {
    const draw = table(COLUMNS);
    draw([{ id: "100000001", label: "a long label", bytes: "1.0 kB" }]);
    expect(draw([{ id: "100000002", label: "boat", bytes: "5 B" }])).toEqual([
      "100000002  boat             5 B",
    ]);
  });

  it("cuts no character in two", () => {
    const rows = [{ id: "1", label: "👩‍🚀👩‍🚀👩‍🚀👩‍🚀👩‍🚀👩‍🚀", bytes: "" }];
    expect(table(COLUMNS, { width: 18 })(rows)[1]).toBe("1   👩‍🚀👩‍🚀👩‍🚀…");
  });

  it("gives a terminal nothing to act on", () => {
    const rows = [
      { id: "1", label: "\u001b[2J\u001b]0;owned\u0007\u009b31m\r\n\u202e", bytes: "" },
    ];
    expect(table(COLUMNS)(rows).join("\n")).not.toMatch(
      // oxlint-disable-next-line no-control-regex -- they are what must not be there
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/,
    );
  });
});

describe("what is spelt out", () => {
  it("shows which character it was", () => {
    expect(printable("a\u001b[31mb\u0085")).toBe(String.raw`a\u001b[31mb\u0085`);
  });

  it("is the same to a program that reads JSON", () => {
    const value = { label: "\u009b31m \u202e \u2028 \u001b é 港" };
    expect(JSON.parse(jsonLine(value))).toEqual(value);
    // oxlint-disable-next-line no-control-regex -- they are what must not be there
    expect(jsonLine(value)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
  });
});
