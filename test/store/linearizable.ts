/**
 * Whether a history of one value, as clients saw it, could have come of a single mock that does one thing at a time: after
 * Wing and Gong, with what was tried remembered as Lowe does.
 */

/** What a client asked, and when it was answered. Values are written once. */
export interface Operation {
  kind: 'read' | 'write'
  value: string
  start: number
  end: number
  /** False: a write that was not answered, or by an error. It may have happened. */
  isSure: boolean
}

export function isLinearizable(history: Operation[], initial: string): boolean {
  const operations = settled(history).sort((a, b) => a.start - b.start)
  const tried = new Set<string>()
  const isDone = operations.map(() => false)

  /** Operations before `first` are done; so are some of those behind it. */
  function goesOn(first: number, value: string): boolean {
    while (isDone[first]) first++
    if (first === operations.length) return true
    const state = `${first} ${value} ${behind(first)}`
    if (tried.has(state)) return false
    tried.add(state)
    // Whatever ended first can have nothing before it that began later.
    let earliest = Number.POSITIVE_INFINITY
    for (let i = first; i < operations.length; i++)
      if (!isDone[i]) earliest = Math.min(earliest, (operations[i] as Operation).end)
    for (let i = first; i < operations.length; i++) {
      const { kind, value: own, start } = operations[i] as Operation
      if (start > earliest) break
      if (isDone[i] || (kind === 'read' && own !== value)) continue
      isDone[i] = true
      if (goesOn(first, own)) return true
      isDone[i] = false
    }
    return false
  }

  function behind(first: number): string {
    const places: number[] = []
    for (let i = first; i < operations.length; i++) if (isDone[i]) places.push(i)
    return places.join()
  }

  return goesOn(0, initial)
}

/** Writes that may have happened have, where somebody read them; and before that. The others have not. */
function settled(history: Operation[]): Operation[] {
  const readBy = new Map<string, number>()
  for (const { kind, value, end } of history)
    if (kind === 'read') readBy.set(value, Math.min(end, readBy.get(value) ?? Number.POSITIVE_INFINITY))
  return history.flatMap((operation) => {
    if (operation.isSure) return operation
    const end = readBy.get(operation.value)
    return end === undefined ? [] : { ...operation, end, isSure: true }
  })
}
