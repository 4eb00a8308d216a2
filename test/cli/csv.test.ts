import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COLUMNS, type Sim } from "../../cli/sims/columns";
import { guarded, unguarded } from "../../cli/sims/formula";
import { separatorOf } from "../../cli/sims/spreadsheet";
import { type Line, readCsv, readNdjson } from "../../cli/sims/read-file";

const DRONES = "8a03c4bc-fc09-486c-93ac-c90875f4da66";
const TAGS = new Map([
  ["drones", DRONES],
  [DRONES, DRONES],
]);

async function* textOf(...chunks: string[]) {
  yield* chunks;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function linesIn(csv: string): Promise<Line[]> {
  // In pieces, since a file comes in pieces.
  const chunks = csv.match(/[^]{1,7}/g) ?? [];
  return all(readCsv(textOf(...chunks), () => Promise.resolve(TAGS)));
}

describe("a CSV file", () => {
  it("says what each SIM is set to, by the line that it stands on", async () => {
    const csv = `\ufeffid,label,active,tags,data_limit,alert_threshold\r
100000001,"boat, ""old""",TRUE,drones; ${DRONES},500000000,\r
\r
100000002,,false,,,400000\r
`;
    expect(await linesIn(csv)).toEqual([
      {
        line: 2,
        id: "100000001",
        change: {
          id: "100000001",
          label: 'boat, "old"',
          activated: true,
          tags: [DRONES, DRONES],
          data_limit: { total: 500_000_000, alert_threshold: null },
        },
      },
      {
        line: 4,
        id: "100000002",
        change: {
          id: "100000002",
          label: null,
          activated: false,
          tags: [],
          data_limit: { alert_threshold: 400_000 },
        },
      },
    ]);
  });

  it("changes nothing that it has no column for", async () => {
    expect(await linesIn("alias,id,imsi\nx,000000001,5")).toEqual([
      { line: 2, id: "000000001", change: { id: "000000001", label: "x" } },
    ]);
  });

  it("says what is wrong with a line, and goes on", async () => {
    const [a, b, c, d, e] = [1, 2, 3, 4, 5].map((digit) => String(digit).padStart(9, "0"));
    const csv = `id,active,tags,data_limit\n${a},maybe,,\n${b},true,boats,\n${c},true,,1.5\n${d},true\n${e},,,`;
    expect(await linesIn(csv)).toEqual([
      { line: 2, id: a, error: "active_invalid" },
      { line: 3, id: b, error: "tag_not_found" },
      { line: 4, id: c, error: "data_limit_invalid" },
      { line: 5, id: d, error: "columns_invalid" },
      { line: 6, id: e, change: { id: e, tags: [] } },
    ]);
  });

  it.each([
    ["", "The file is empty."],
    ["id,lable\n", 'There is no column "lable".'],
    ["id,label,alias\n", 'The column "label" is there twice.'],
    ["label\n", 'The column "id" is missing'],
    ["iccid,label\n", "by its nine digits or its ICCID"],
    ["id,,label\n", "has no name"],
    ['id,label\n1,"x', "The file is no CSV"],
    ['id,label\n100000001,"a"b\n', "The file is no CSV"],
  ])("that begins %j is refused as a whole", async (csv, sentence) => {
    await expect(linesIn(csv)).rejects.toThrow(sentence);
  });
});

describe("a file that a spreadsheet left", () => {
  const SET = [
    { id: "100000001", label: "boat" },
    { id: "100000002", label: "quay" },
  ];

  it.each([
    ["rows of commas", "id,label\n100000001,boat\n,\n100000002,quay\n,\n , \n"],
    ["an empty last column", "id,label,\n100000001,boat,\n100000002,quay,\n"],
    ["columns that are only empty", "id,label,,,\n100000001,boat,,,\n100000002,quay,,,\n"],
    ["formulas that keep text", 'id,label\n="100000001","boat"\n"=""100000002""",="quay"\n'],
    [
      "a line that names the separator",
      "sep=;\r\nid;label\r\n100000001;boat\r\n100000002;quay\r\n",
    ],
    ["the same behind a BOM", "\ufeffsep=,\nid,label\n100000001,boat\n100000002,quay\n"],
    ["semicolons", "id;label\n100000001;boat\n100000002;quay\n"],
    ["tabs", "id\tlabel\n100000001\tboat\n100000002\tquay\n"],
    ["several kinds of line ends", "id,label\r\n100000001,boat\n100000002,quay\r"],
    ["old line ends", "id,label\r100000001,boat\r100000002,quay"],
  ])("may have %s", async (_, csv) => {
    const lines = await linesIn(csv);
    expect(lines.map((line) => "change" in line && line.change)).toEqual(SET);
  });

  it("counts its lines from its own first one", async () => {
    const csv = "sep=;\r\nid;active\r\n100000001;true\n;\n100000002;maybe";
    expect((await linesIn(csv)).map(({ line }) => line)).toEqual([3, 5]);
  });

  it("keeps a label that looks like such a formula", async () => {
    const [line] = await linesIn('id,label\n100000001,"\'=""x"",=""y"""\n');
    expect(line).toMatchObject({ change: { label: '="x",="y"' } });
  });

  it("gives the lines before what is no CSV", async () => {
    const good = Array.from({ length: 1_000 }, (_, at) => String(100_000_000 + at));
    for (const bad of ['"a"b', '"a', '"a"b\n100000001']) {
      const lines = readCsv(textOf(["id", ...good, bad].join("\n")), () => Promise.resolve(TAGS));
      let read = 0;
      const readAll = async () => {
        for await (const line of lines) read += line.line > 0 ? 1 : 0;
      };
      await expect(readAll()).rejects.toThrow("The file is no CSV");
      expect([bad, read]).toEqual([bad, 1_000]);
    }
  });

  it("may have one column", async () => {
    expect(await linesIn("id\n100000001\n")).toMatchObject([{ id: "100000001" }]);
  });

  it("is read by the separator that is given, whatever the header looks like", async () => {
    const text = textOf("id;label\n100000001;a,b,c\n");
    const [line] = await all(readCsv(text, () => Promise.resolve(TAGS), separatorOf("semicolon")));
    expect(line).toMatchObject({ change: { label: "a,b,c" } });
    expect(() => separatorOf("|")).toThrow("comma, semicolon or tab");
  });

  it.each([
    ["2418", "id_zeros_lost"],
    ["8.9457E+19", "id_rounded"],
    ["8,9457E+19", "id_rounded"],
  ])("is refused where the id has become %s", async (id, error) => {
    expect(await linesIn(`id;active\n${id};true\n`)).toEqual([{ line: 2, id, error }]);
  });
});

describe("what was exported", () => {
  it("is read back as it was, whatever labels and tags are called", async () => {
    const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fc.option(name), name, async (label, tag) => {
        const sim = {
          ...SIM,
          label,
          tags: [{ id: DRONES, name: tag, can_write: true, color: null }],
        };
        const header = Object.keys(COLUMNS);
        const cells = Object.values(COLUMNS).map(({ write }) => quoted(write(sim)));
        const text = textOf(`${header.join(",")}\n${cells.join(",")}\n`);
        const tags = new Map([...TAGS, [tag, DRONES]]);
        const [line] = await all(readCsv(text, () => Promise.resolve(tags)));
        expect(line).toMatchObject({ change: { label, tags: [DRONES] } });
      }),
    );
  });

  it("runs nothing in a spreadsheet", () => {
    for (const cell of ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "'=1"])
      expect(guarded(cell)).toBe(`'${cell}`);
    fc.assert(fc.property(fc.string(), (cell) => unguarded(guarded(cell)) === cell));
  });
});

describe("a file of JSON lines", () => {
  it("is SIMs as they were read", async () => {
    const text = textOf('{"id":"1","label":"x"}\n\n{"label":', '"y"}\nnonsense\n{"id":"2"}');
    expect(await all(readNdjson(text))).toEqual([
      { line: 1, id: "1", change: { id: "1", label: "x" } },
      { line: 3, id: null, error: "change_invalid" },
      { line: 4, id: null, error: "change_invalid" },
      { line: 5, id: "2", change: { id: "2" } },
    ]);
  });
});

const SIM: Sim = {
  id: "100000001",
  iccid: null,
  imsi: null,
  msisdn: null,
  eid: null,
  label: null,
  network_whitelist: null,
  imei_lock: null,
  imei: null,
  connector: null,
  activated: true,
  ipv4: null,
  online: false,
  online_at: null,
  last_came_online_at: null,
  last_seen_at: null,
  network: { name: null, country: null, country_code: null, mcc: null, mnc: null },
  usage: 0,
  tags: [],
  data_limit: {
    used: 0,
    total: 10_000_000_000,
    type: "monthly",
    period: "202611",
    alert_threshold: null,
    resets_at: "2026-12-01T00:00:00.000Z",
  },
  technologies: { sms: true, "2g_3g": true, "4g": true },
};

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}
