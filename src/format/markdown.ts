import { visible } from './visible.js'

/** A table of Markdown; whatever stands in a cell is shown as it is. */
export function markdownTable(head: string[], rows: (string | number)[][]): string {
  const line = (cells: (string | number)[]) => `| ${cells.map((cell) => escapeCell(String(cell))).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Text that is shown as code. */
export function code(text: string): string {
  const fence = text.includes('`') ? '``' : '`'
  return `${fence}${text}${fence}`
}

function escapeCell(text: string): string {
  const lines = text.replaceAll('|', '\\|').split(/[\r\n]+/)
  return visible(lines.map((line) => line.trim()).join(' '))
}
