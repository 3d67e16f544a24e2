import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')

/** The snippets of one language on a page, as they are written. */
export function snippetsOf(page: string, language: string): string[] {
  return Array.from(
    textOf(page).matchAll(new RegExp(`\`\`\`(?:${language})\n([^]*?)\`\`\``, 'g')),
    ([, text = '']) => text,
  )
}

/** The files that a reader copies from a page: a snippet that imports begins one, and those after it go on with it. */
export function programsOf(page: string): string[] {
  const programs: string[] = []
  for (const snippet of snippetsOf(page, 'js|ts')) {
    if (snippet.startsWith('import ')) programs.push(snippet)
    else programs.push(`${programs.pop() ?? ''}\n${snippet}`)
  }
  return programs
}

export function textOf(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8')
}
