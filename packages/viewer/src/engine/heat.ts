/** How hot a time is by its share of the total, a decade a level: 0 below 0.1 %, 1 below 1 %, 2 below 10 %, 3 from there on, 4 from half on. */
export function heatLevel(ns: number, totalNs: number): 0 | 1 | 2 | 3 | 4 {
  const share = totalNs <= 0 ? 0 : ns / totalNs;
  if (share >= 0.5) return 4;
  if (share >= 0.1) return 3;
  if (share >= 0.01) return 2;
  return share >= 0.001 ? 1 : 0;
}
