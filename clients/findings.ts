export function explain(_language: string, _error: string): string | undefined {
  return undefined
}
