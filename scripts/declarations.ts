import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type OutputChunk, rollup } from 'rollup'
import { dts } from 'rollup-plugin-dts'

/** For `AsyncDisposable`, which older targets of TypeScript do not know by themselves. */
const LIBRARY = '/// <reference lib="esnext.disposable" />\n'
const EXTERNAL = /^(?:typebox$|testcontainers$|node:)/
const EXPORTS = /^export (?:type )?\{ (.+) \};\n?/gm

/** Where the types that were made last are kept, by the hash of all that decides what they are: they take ten seconds. */
const KEPT = join('node_modules', '.cache', 'authentik-mock-types')
const SOURCES = ['src', 'scripts']
const SETTINGS = ['package.json', 'package-lock.json', 'tsconfig.json']

/** By the file, the text of it. */
type Declarations = Record<string, string>

/**
 * Writes the types of each entry of the library as one file; another entry names those of the library where they are.
 * One compiler reads what they share once.
 *
 * @param values for each entry, by its name in `src/` and `dist/`, what it exports at run time. The bundler of types loses
 *   the word `type` in `export type { X }` where X is the name of a value, too, so that a compiler would let people
 *   import what is not there.
 */
export async function writeDeclarations(values: Record<string, string[]>): Promise<void> {
  const kept = join(KEPT, `${await hashOf(values)}.json`)
  const text = await readFile(kept, 'utf8').catch(() => undefined)
  const made: Declarations = text === undefined ? await makeDeclarations(values) : JSON.parse(text)
  for (const [file, declarations] of Object.entries(made)) await writeFile(file, declarations)
  if (text !== undefined) return
  await rm(KEPT, { recursive: true, force: true })
  await mkdir(KEPT, { recursive: true })
  // One that is there is whole.
  await writeFile(`${kept}.part`, JSON.stringify(made))
  await rename(`${kept}.part`, kept)
}

async function hashOf(values: Record<string, string[]>): Promise<string> {
  const sources = await Promise.all(
    SOURCES.map(async (folder) => (await readdir(folder, { recursive: true })).map((name) => join(folder, name))),
  )
  const files = [...SETTINGS, ...sources.flat().filter((file) => /\.[a-z]+$/.test(file))].sort()
  const texts = await Promise.all(files.map((file) => readFile(file)))
  const hash = createHash('sha256').update(JSON.stringify([values, files, texts.map(({ length }) => length)]))
  for (const text of texts) hash.update(text)
  return hash.digest('hex')
}

async function makeDeclarations(values: Record<string, string[]>): Promise<Declarations> {
  const bundle = await rollup({
    input: Object.fromEntries(Object.keys(values).map((name) => [name, `src/${name}.ts`])),
    plugins: [dts({ tsconfig: 'tsconfig.json' })],
    external: (module, importer) =>
      EXTERNAL.test(module) ||
      (module === '../index.js' && importer?.endsWith('/testcontainers/container.ts') === true),
    onwarn: ({ message }) => {
      throw new Error(message)
    },
  })
  const { output } = await bundle.generate({ format: 'es' })
  if (output.length > Object.keys(values).length) throw new Error('entries share types beside those of the library')
  const chunks = output.filter((file) => file.type === 'chunk')
  return Object.fromEntries(chunks.map((chunk) => declarationsOf(chunk, values[chunk.name] ?? [])))
}

function declarationsOf({ name, code }: OutputChunk, values: string[]): [file: string, text: string] {
  const names = [...code.matchAll(EXPORTS)].flatMap(([, list = '']) => list.split(', '))
  const types = names.filter((name) => !values.includes(name))
  const exports = `export { ${values.join(', ')} };\n${types.length === 0 ? '' : `export type { ${types.join(', ')} };\n`}`
  return [`dist/${name}.d.ts`, `${LIBRARY}${code.replace(EXPORTS, '')}${exports}`]
}
