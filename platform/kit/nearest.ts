// Which of the names there are resembles most what somebody wrote.

/** The name that takes the fewest slips of the finger to become `name`, and how many; undefined when there are no names. */
export function nearestOf(
  name: string,
  names: Iterable<string>,
): { nearest: string | undefined; distance: number } {
  let best: { nearest: string | undefined; distance: number } = { nearest: undefined, distance: Infinity };
  for (const candidate of names) {
    const distance = distanceOf(name, candidate);
    if (distance < best.distance) best = { nearest: candidate, distance };
  }
  return best;
}

/** The name that was most likely meant by a word: one that begins like it, or resembles it; undefined when none comes near. */
export function meantBy(word: string, names: readonly string[]): string | undefined {
  const asked = word.toLowerCase();
  const longer = asked.length > 1 ? names.filter((name) => name.startsWith(asked)) : [];
  if (longer.length === 1) return longer[0];
  const { nearest, distance } = nearestOf(asked, names);
  return distance <= Math.max(1, Math.floor(asked.length * 0.4)) ? nearest : undefined;
}

/** How many letters are to be put in, left out, changed, or swapped with their neighbour. */
function distanceOf(left: string, right: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let at = 1; at <= right.length; at += 1) {
      const isSame = left[row - 1] === right[at - 1];
      let best = Math.min(
        (previous[at] ?? 0) + 1,
        (current[at - 1] ?? 0) + 1,
        (previous[at - 1] ?? 0) + (isSame ? 0 : 1),
      );
      const isSwap = left[row - 1] === right[at - 2] && left[row - 2] === right[at - 1];
      if (row > 1 && at > 1 && isSwap) best = Math.min(best, (before[at - 2] ?? 0) + 1);
      current.push(best);
    }
    before = previous;
    previous = current;
  }
  return previous[right.length] ?? 0;
}
