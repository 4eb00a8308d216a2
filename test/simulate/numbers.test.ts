import { expect, it } from "vitest";
import { devicesOf } from "../../scripts/simulate/fleet";
import { luhnDigit } from "../../scripts/simulate/numbers";
import { SimCard } from "../../src/api/sims/schemas";
import { planOf } from "./support/plan";

const devices = [...devicesOf(planOf({ sims: 3_000 }))];

it("makes Luhn's digit", () => {
  expect(luhnDigit("7992739871")).toBe("3");
  expect(luhnDigit("49015420323751")).toBe("8");
});

it("gives each device numbers of its own whose last digit is right", () => {
  for (const { card, imei } of devices) {
    expect(card.iccid).toMatch(/^8945\d{16}$/);
    expect(imei).toMatch(/^(35|86)\d{13}$/);
    expect(luhnDigit(card.iccid.slice(0, -1))).toBe(card.iccid.at(-1));
    expect(luhnDigit(imei.slice(0, -1))).toBe(imei.at(-1));
    expect(SimCard.safeParse({ ...card, account_id: "a" }).success).toBe(true);
    expect(card.imsi).toMatch(/^238\d{12}$/);
  }
  const numbers = devices.flatMap(({ card, imei }) => [...Object.values(card), imei]);
  expect(new Set(numbers).size).toBe(numbers.length);
});
