/**
 * Rounds parts to `digits` behind the point so that the rounded ones add up to the rounded total (largest remainder): a breakdown on
 * the page then adds up to the last digit shown. The parts have to add up to the total but for rounding.
 */
export function apportion(parts: readonly number[], total: number, digits: number): number[] {
  const scale = 10 ** digits;
  const target = Math.round(total * scale);
  const floors = parts.map((part) => Math.floor(part * scale + 1e-9));
  let missing = target - floors.reduce((sum, floor) => sum + floor, 0);
  const byRemainder = parts
    .map((part, index) => ({ index, remainder: part * scale - floors[index]! }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (let turn = 0; missing > 0 && turn < byRemainder.length; turn++, missing--)
    floors[byRemainder[turn]!.index]!++;
  for (let turn = byRemainder.length - 1; missing < 0 && turn >= 0; turn--) {
    const { index } = byRemainder[turn]!;
    if (floors[index]! === 0) continue;
    floors[index]!--;
    missing++;
  }
  return floors.map((floor) => floor / scale);
}
