/** The rows of a fixture as texts, by section: refresh tokens, and what was read beside them. */
export type FixtureTexts = { refresh_tokens: string[] } & { [section: string]: string[] }

/** A fixture as it is written, a row a line: bodies alone as a list of them, more than that by section. */
export function fixtureText(texts: FixtureTexts): string {
  if (Object.keys(texts).length === 1) return `${listText(texts.refresh_tokens)}\n`
  const sections = Object.entries(texts).map(([section, rows]) => `${JSON.stringify(section)}: ${listText(rows)}`)
  return `{\n"captured": true,\n${sections.join(',\n')}\n}\n`
}

function listText(rows: string[]): string {
  return rows.length === 0 ? '[]' : `[\n${rows.join(',\n')}\n]`
}
