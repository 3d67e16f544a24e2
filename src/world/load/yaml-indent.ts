/** A line that begins elsewhere than those that it may belong to. */
export interface Slip {
  /** From 1. */
  line: number
  /** How many blanks it begins with, and how many those lines do. */
  blanks: number
  usual: number[]
}

/** A column where lines begin, or what stands behind their dashes. */
interface Level {
  column: number
  hasDash: boolean
}

const LINE = /^( *)(-(?: +(?=\S)|$))?(.*)$/
/** What stands below may be indented: behind a name without a value, a dash, the mark of a text of several lines, a bracket. */
const OPENS = /(?:^|[:[{,]|[|>][+-]?)$/

/**
 * Looks for a slip of indentation in the line where a parser found something wrong, or in the next.
 *
 * @param wrong the number of that line, from 1
 */
export function indentSlip(text: string, wrong: number): Slip | undefined {
  const levels: Level[] = []
  let opens = true
  for (const [i, whole] of text.split('\n').entries()) {
    const [, blanks = '', dash = '', content = ''] = LINE.exec(whole.replace(/(?:^|\s)#.*$/, '').trimEnd()) ?? []
    if (dash + content === '' || content === '---') continue
    const column = blanks.length
    const before = [...levels]
    while ((levels.at(-1)?.column ?? 0) > column) levels.pop()
    const level = levels.at(-1)
    const isKnown = level?.column === column && (!level.hasDash || dash !== '')
    const isBelow = opens && levels.length === before.length
    if (!isKnown && !isBelow && i + 1 >= wrong) {
      const near = before.slice(Math.max(0, levels.length - 1), levels.length + 1)
      const usual = near.filter(({ hasDash }) => dash !== '' || !hasDash).map((one) => one.column)
      return usual.length === 0 ? undefined : { line: i + 1, blanks: column, usual }
    }
    if (i + 1 > wrong || (i + 1 === wrong && /^-\S/.test(content))) return undefined
    if (level?.column !== column) levels.push({ column, hasDash: dash !== '' })
    if (dash !== '' && content !== '') levels.push({ column: column + dash.length, hasDash: false })
    opens = OPENS.test(content)
  }
  return undefined
}
