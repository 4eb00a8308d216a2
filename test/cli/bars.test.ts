import { describe, expect, it } from "vitest";
import { bars } from "../../cli/output/bars";
import { bytesText } from "../../cli/output/units";
import { withEmptyDays } from "../../cli/usage-groups";

describe("bars", () => {
  it("are as long as the bytes are beside the largest, to an eighth of a column", () => {
    const rows = [
      { label: "1st", bytes: 2_000_000 },
      { label: "2nd", bytes: 500_000 },
      { label: "3rd", bytes: 1 },
      { label: "4th", bytes: 0 },
    ];
    expect(bars(rows, { width: 25 })).toEqual([
      "1st    2.0 MB  ██████████",
      "2nd  500.0 kB  ██▌",
      "3rd       1 B  ▏",
      "4th       0 B",
    ]);
  });

  it("fill the terminal, up to what an eye compares", () => {
    const rows = [{ label: "day", bytes: 10 }];
    expect(bars(rows, { width: 40 })[0]).toHaveLength(40);
    expect(bars(rows, { width: 400 })[0]).toHaveLength("day  10 B  ".length + 60);
  });

  it("of nothing are none", () => {
    expect(bars([])).toEqual([]);
  });
});

describe("bytes", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [999_949, "999.9 kB"],
    [999_950, "1.0 MB"],
    [15_540_000, "15.5 MB"],
    [1e14, "100.0 TB"],
  ])("%d are %s", (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });
});

describe("days without usage", () => {
  const today = new Date("2026-11-04T12:00:00Z");
  const some = [{ label: "2026-11-02", bytes: 5 }];

  it("have a line as well, up to today", () => {
    expect(withEmptyDays(some, "2026-11", today).map(({ bytes }) => bytes)).toEqual([0, 5, 0, 0]);
  });

  it("of a month that is over are all of its days", () => {
    expect(withEmptyDays([], "2026-02", today)).toHaveLength(28);
  });

  it("do not hide a day that is ahead of this machine's clock", () => {
    const ahead = { label: "2026-11-05", bytes: 1 };
    expect(withEmptyDays([ahead], "2026-11", today).at(-1)).toEqual(ahead);
  });
});
