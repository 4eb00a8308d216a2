import { median, type Round } from "./alternate";
import type { Row } from "./table";

/** What two Workers that took turns come to: the ratio, which may have a limit, and what each did on this machine. */
export function ratioRows(
  name: string,
  unit: string,
  least: number | undefined,
  rounds: Round[],
): Row[] {
  const ratios = rounds.map(({ ours, bare }) => ours / bare);
  const ratio = median(ratios);
  const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  const perSecond = (values: number[]) => `${median(values).toFixed(0)} ${unit}`;
  return [
    {
      name: `${name}: ours / bare`,
      measured: `${ratio.toFixed(3)} (${range} in ${rounds.length} rounds)`,
      ...(least !== undefined && { limit: `at least ${least}`, pass: ratio >= least }),
    },
    { name: `${name}: ours, this machine`, measured: perSecond(rounds.map(({ ours }) => ours)) },
    { name: `${name}: bare, this machine`, measured: perSecond(rounds.map(({ bare }) => bare)) },
  ];
}
