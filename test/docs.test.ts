import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { fill } from '../scripts/readme.js'
import { PROGRAM, run, serve } from './process.js'

const ROOT = join(import.meta.dirname, '..')
const README = readFileSync(join(ROOT, 'README.md'), 'utf8')

t.test('the generated parts of the README are current', async (t) => {
  t.equal(README, fill(README), 'npm run readme')
})

t.test('what the README shows of a terminal is what one sees', async (t) => {
  await using server = await serve(['--log-level', 'silent'])
  for (const [, block = ''] of README.matchAll(/```console\n([\s\S]*?)```/g)) {
    for (const step of block.split(/^\$ /m).slice(1)) {
      const [command = '', ...shown] = step.trimEnd().split('\n')
      const line = command
        .replaceAll('http://localhost:9000', server.url)
        .replace(/^curl /, 'curl -s ')
        .replace(/^authentik-mock /, `${process.execPath} ${PROGRAM} `)
      const { stdout, stderr } = await promisify(execFile)('bash', ['-c', line]).catch((error) => error)
      t.match((stdout + stderr).replaceAll('\r', '').trimEnd(), patternOf(shown.join('\n')), command)
    }
  }
})

t.test('the recipes of the README do what they say', async (t) => {
  const chapter = README.slice(README.indexOf('## In your tests'), README.indexOf('### In which runner'))
  const [setUp = '', ...recipes] = Array.from(chapter.matchAll(/```ts\n([\s\S]*?)```/g), ([, block = '']) => block)
  const library = join(ROOT, 'dist', 'index.js')
  const program = [
    setUp.replace("'authentik-mock'", JSON.stringify(library)),
    ...recipes.map((recipe) => `{\n${recipe}}\n`),
  ].join('\n')
  const folder = t.testdir({ 'recipes.mts': program })
  const ended = await run(['--import', 'tsx', join(folder, 'recipes.mts')], {}, '').ended
  t.match(ended, { code: 0, stdout: '', stderr: '' }, `${recipes.length} recipes`)
})

t.test('links and files that the documents name exist', async (t) => {
  const files = new Set(
    readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((file) => !file.startsWith('node_modules')),
  )
  for (const [, name = ''] of README.matchAll(/\]\(([\w./-]+)\)/g)) t.ok(files.has(name.replace(/\/$/, '')), name)
  for (const [, name = ''] of README.matchAll(/^ {4}(src\/[\w./-]+)/gm))
    t.ok(files.has(name.replace(/[/,]+$/, '')), name)
})

/** `…` stands for anything. */
function patternOf(shown: string): RegExp {
  const escaped = shown.split('…').map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${escaped.join('[\\s\\S]*')}$`)
}
