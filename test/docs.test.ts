import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { fill, PAGES, PARTS } from '../scripts/readme.js'
import { PROGRAM, run, serve } from './process.js'
import { programsOf, snippetsOf, textOf } from './snippets.js'

const ROOT = join(import.meta.dirname, '..')
const IMAGES = 'docs/images'
const MAX_PICTURE = 60 * 1024
const MAX_README_LINES = 150
/** Pages whose snippets have tests of their own: a file for each runner, and an engine that runs containers. */
const ELSEWHERE = ['docs/runners.md', 'docs/deployment.md']

const pages = new Map(PAGES.map((page) => [page, textOf(page)]))

t.test('the README is read in twenty seconds', async (t) => {
  t.ok((pages.get('README.md') ?? '').split('\n').length <= MAX_README_LINES + 1)
})

t.test('the generated parts of the pages are current', async (t) => {
  for (const [page, text] of pages) t.equal(text, fill(text), `${page}: npm run readme`)
  const all = [...pages.values()].join()
  for (const part of Object.keys(PARTS)) t.match(all, `<!-- ${part} -->`)
})

t.test('what the pages show of a terminal is what one sees', async (t) => {
  for (const page of PAGES) {
    const blocks = snippetsOf(page, 'console')
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

t.test('what the pages have for a shell gets its tokens', { skip: !hasJq() && 'no jq here' }, async (t) => {
  const scripts = PAGES.flatMap((page) => snippetsOf(page, 'sh'))
  t.equal(scripts.length, 1)
  await using server = await serve(['--log-level', 'silent'])
  const script = scripts.join().replace('http://localhost:9000', server.url)
  const { stdout } = await promisify(execFile)('bash', ['-euc', script])
  t.equal(stdout.match(/"refresh_token": "\w+"/g)?.length, 3, stdout)
  t.notMatch(stdout, /error|null/)
})

function hasJq(): boolean {
  return spawnSync('jq', ['--version']).status === 0
}

t.test('the snippets of a page run as they are, in order, in one file', async (t) => {
  for (const page of PAGES) {
    if (ELSEWHERE.includes(page)) continue
    const [program, ...further] = programsOf(page)
    if (program === undefined) continue
    t.strictSame(further, [], page)
    const folder = t.testdir({ 'page.mjs': program, node_modules: { 'authentik-mock': t.fixture('symlink', ROOT) } })
    t.match(await run([join(folder, 'page.mjs')], {}, '').ended, { code: 0, stdout: '', stderr: '' }, page)
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

t.test('the pictures of the console are shown, and small', async (t) => {
  const names = readdirSync(join(ROOT, IMAGES))
  t.strictSame(names, ['console-requests.webp', 'console-rows.webp'], 'npm run screenshots')
  for (const name of names) {
    t.ok(statSync(join(ROOT, IMAGES, name)).size <= MAX_PICTURE, name)
    t.match(pages.get('docs/console.md'), `](images/${name})`)
  }
  t.match(pages.get('README.md'), `](${IMAGES}/console-requests.webp)`)
})

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
