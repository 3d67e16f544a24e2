/** How long to measure. */
export interface Pace {
  rounds: number
  /** Of load in each round. */
  seconds: number
}

/** Of rounds: what is slow at first, as compilers are, does not count. */
const WARM_UP = 2

/**
 * Measures several things in turns (A B C, A B C, …), so that what else goes on in the machine meets all alike.
 * Resolves to the rounds of each. Turn 0 is the warm-up, which does not count.
 */
export async function inRounds<Subject, Result>(
  subjects: Subject[],
  { rounds, seconds }: Pace,
  measure: (subject: Subject, seconds: number, turn: number) => Promise<Result>,
): Promise<Result[][]> {
  for (const subject of subjects) await measure(subject, seconds * WARM_UP, 0)
  const results: Result[][] = subjects.map(() => [])
  for (let turn = 1; turn <= rounds; turn++)
    for (const [i, subject] of subjects.entries()) results[i]?.push(await measure(subject, seconds, turn))
  return results
}

/** The middle value; of none, NaN. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
}

/** The median of the ratios of each round: what changes between rounds does not count. */
export function ratio(values: number[], others: number[]): number {
  return median(values.map((value, i) => value / (others[i] ?? NaN)))
}
