import type { Network } from "../../src/events/details";

export interface Place {
  lat: number;
  lng: number;
}

export interface Country {
  /** As events have it: lower case. */
  code: string;
  name: string;
  mcc: string;
  /** How much of the fleet is at home there. */
  weight: number;
  /** As events tell of them; the one that cards are told to try comes first. */
  networks: readonly Network[];
  cities: readonly Place[];
  /** Where one drives to from here. */
  neighbours: readonly string[];
}

/** MCC and MNC as ITU-T E.212 has them assigned, brands as the networks show them; of those that run LTE. */
// prettier-ignore
const ROWS = [
  ["dk", "Denmark", "238", 12, "01 TDC, 02 Telenor, 06 3", "55.49 9.47, 55.68 12.57, 56.15 10.20, 57.05 9.92", "de se"],
  ["de", "Germany", "262", 18, "01 Telekom, 02 Vodafone, 03 O2", "53.55 9.99, 52.52 13.40, 50.11 8.68, 48.14 11.58", "dk nl pl at cz ch fr be"],
  ["se", "Sweden", "240", 10, "01 Telia, 02 3, 07 Tele2", "55.60 13.00, 57.71 11.97, 59.33 18.07", "dk no"],
  ["no", "Norway", "242", 6, "01 Telenor, 02 Telia, 14 ice", "59.91 10.75, 60.39 5.32, 63.43 10.39", "se"],
  ["gb", "United Kingdom", "234", 12, "10 O2, 15 Vodafone, 20 3, 30 EE", "51.51 -0.13, 52.48 -1.89, 53.48 -2.24", "fr"],
  ["nl", "Netherlands", "204", 7, "04 Vodafone, 08 KPN", "51.92 4.48, 52.37 4.90, 51.44 5.48", "de be"],
  ["be", "Belgium", "206", 3, "01 Proximus, 10 Orange, 20 Base", "50.85 4.35, 51.22 4.40", "nl fr de"],
  ["fr", "France", "208", 9, "01 Orange, 10 SFR, 15 Free, 20 Bouygues", "50.63 3.07, 48.86 2.35, 45.76 4.84", "be de es it ch gb"],
  ["pl", "Poland", "260", 6, "01 Plus, 02 T-Mobile, 03 Orange, 06 Play", "52.41 16.93, 52.23 21.01, 51.11 17.04", "de cz"],
  ["cz", "Czechia", "230", 3, "01 T-Mobile, 02 O2, 03 Vodafone", "50.08 14.44, 49.20 16.61", "de pl at"],
  ["at", "Austria", "232", 3, "01 A1, 03 Magenta, 10 3", "47.81 13.04, 48.21 16.37", "de cz it ch"],
  ["ch", "Switzerland", "228", 3, "01 Swisscom, 02 Sunrise, 03 Salt", "47.38 8.54, 46.20 6.14", "de fr it at"],
  ["it", "Italy", "222", 4, "01 TIM, 10 Vodafone, 88 WINDTRE", "45.46 9.19, 45.44 12.32", "fr ch at"],
  ["es", "Spain", "214", 4, "01 Vodafone, 03 Orange, 07 Movistar", "41.39 2.17, 40.42 -3.70", "fr"],
] as const;

export const COUNTRIES: readonly Country[] = ROWS.map(
  ([code, name, mcc, weight, networks, cities, neighbours]) => ({
    code,
    name,
    mcc,
    weight,
    networks: networks.split(", ").map((text) => ({
      name: text.slice(3),
      country: name,
      country_code: code.toUpperCase(),
      mcc,
      mnc: text.slice(0, 2),
    })),
    cities: cities.split(", ").map(placeOf),
    neighbours: neighbours.split(" "),
  }),
);

function placeOf(text: string): Place {
  const [lat = 0, lng = 0] = text.split(" ").map(Number);
  return { lat, lng };
}

/** Throws for a country that is not among them. */
export function countryOf(code: string): Country {
  const found = COUNTRIES.find((country) => country.code === code);
  if (!found) throw new Error(`There is no country ${code} here.`);
  return found;
}
