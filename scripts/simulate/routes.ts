import type { Country, Place } from "./networks";

interface Stop {
  country: Country;
  place: Place;
}

/** From a place to another, straight and at an even speed; times in ms. */
export interface Route {
  from: Stop;
  to: Stop;
  departure: number;
  arrival: number;
}

const KM_A_DEGREE = 111;
const KM_AN_HOUR = 70;

/** Where it is at a time; the border, if there is one, is half-way. */
export function whereOn({ from, to, departure, arrival }: Route, time: number): Stop {
  const done = Math.min(1, Math.max(0, (time - departure) / (arrival - departure)));
  const between = (a: number, b: number) => a + (b - a) * done;
  return {
    country: (done < 0.5 ? from : to).country,
    place: {
      lat: between(from.place.lat, to.place.lat),
      lng: between(from.place.lng, to.place.lng),
    },
  };
}

/** Hours of driving between two places. */
export function hoursBetween(a: Place, b: Place): number {
  const north = (b.lat - a.lat) * KM_A_DEGREE;
  const east = (b.lng - a.lng) * KM_A_DEGREE * Math.cos((a.lat * Math.PI) / 180);
  return Math.hypot(north, east) / KM_AN_HOUR;
}

/** Five decimals: about a metre. */
export function rounded(degrees: number): number {
  return Math.round(degrees * 100_000) / 100_000;
}
