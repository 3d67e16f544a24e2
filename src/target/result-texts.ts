const BEGIN = /"results"\s*:\s*\[/
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/g

/** The results of a list answer, each as it stands there: parsed, a number or an escape might be written another way. */
export function resultTexts(list: string): string[] {
  const begin = BEGIN.exec(list)
  const results = begin === null ? '' : list.slice(begin.index + begin[0].length)
  const texts: string[] = []
  let depth = 0
  let start = 0
  for (const { 0: token, index } of results.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      if (depth++ === 0) start = index
    } else if (token === '}' || token === ']') {
      if (--depth < 0) break
      if (depth === 0) texts.push(results.slice(start, index + 1))
    }
  }
  return texts
}
