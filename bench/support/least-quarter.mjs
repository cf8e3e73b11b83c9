/** The mean of the quarter of some measurements that is least: on a machine that has other work, too, everything else only adds to them. */
export function leastQuarter(measured) {
  const least = measured.toSorted((a, b) => a - b).slice(0, Math.ceil(measured.length / 4));
  return least.reduce((sum, one) => sum + one, 0) / least.length;
}
