import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { fill, PAGES, PARTS } from '../scripts/readme.js'
import { PROGRAM, run, serve } from './process.js'

const ROOT = join(import.meta.dirname, '..')
const MAX_README_LINES = 150

const pages = new Map(PAGES.map((page) => [page, readFileSync(join(ROOT, page), 'utf8')]))

t.test('the README is read in twenty seconds', async (t) => {
  t.ok((pages.get('README.md') ?? '').split('\n').length <= MAX_README_LINES + 1)
})

t.test('the generated parts of the pages are current', async (t) => {
  for (const [page, text] of pages) t.equal(text, fill(text), `${page}: npm run readme`)
  const all = [...pages.values()].join()
  for (const part of Object.keys(PARTS)) t.match(all, `<!-- ${part} -->`)
})

t.test('what the pages show of a terminal is what one sees', async (t) => {
  for (const [page, text] of pages) {
    const blocks = snippetsOf(text, 'console')
    if (blocks.length === 0) continue
    await using server = await serve(['--log-level', 'silent'])
    for (const step of blocks.flatMap((block) => block.split(/^\$ /m).slice(1))) {
      const [command = '', ...shown] = step.trimEnd().split('\n')
      const line = command
        .replaceAll('http://localhost:9000', server.url)
        .replace(/^curl /, 'curl -s ')
        .replace(/^authentik-mock /, `${process.execPath} ${PROGRAM} `)
      const { stdout, stderr } = await promisify(execFile)('bash', ['-c', line]).catch((error) => error)
      t.match((stdout + stderr).replaceAll('\r', '').trimEnd(), patternOf(shown.join('\n')), `${page}: ${command}`)
    }
  }
})

t.test('the snippets of a page run as they are, in order, in one file', async (t) => {
  for (const [page, text] of pages) {
    const snippets = snippetsOf(text, 'js')
    if (snippets.length === 0) continue
    const folder = t.testdir({
      node_modules: { 'authentik-mock': t.fixture('symlink', ROOT) },
      'page.mjs': snippets.join('\n'),
    })
    const ended = await run([join(folder, 'page.mjs')], {}, '').ended
    t.match(ended, { code: 0, stdout: '', stderr: '' }, `${page}: ${snippets.length} snippets`)
  }
})

t.test('what the pages link to exists', async (t) => {
  for (const [page, text] of pages) {
    for (const [, name = '', anchor] of text.matchAll(/\]\(([\w./-]+)(?:#([\w-]+))?\)/g)) {
      const file = join(dirname(page), name)
      t.ok(existsSync(join(ROOT, file)), `${page}: ${name}`)
      if (anchor !== undefined) t.ok(anchorsOf(pages.get(file) ?? '').includes(anchor), `${page}: ${name}#${anchor}`)
    }
  }
})

function snippetsOf(page: string, language: string): string[] {
  return Array.from(page.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, 'g')), ([, block = '']) => block)
}

/** As GitHub names headings. */
function anchorsOf(page: string): string[] {
  return Array.from(page.matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )
}

/** `…` stands for anything. */
function patternOf(shown: string): RegExp {
  const escaped = shown.split('…').map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${escaped.join('[\\s\\S]*')}$`)
}
