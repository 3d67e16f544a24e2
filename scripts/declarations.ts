import { writeFile } from 'node:fs/promises'
import { type OutputChunk, rollup } from 'rollup'
import { dts } from 'rollup-plugin-dts'

/** For `AsyncDisposable`, which older targets of TypeScript do not know by themselves. */
const LIBRARY = '/// <reference lib="esnext.disposable" />\n'
const EXTERNAL = /^(?:typebox$|testcontainers$|node:)/
const EXPORTS = /^export (?:type )?\{ (.+) \};\n?/gm

/**
 * Writes the types of each entry of the library as one file; another entry names those of the library where they are.
 * One compiler reads what they share once.
 *
 * @param values for each entry, by its name in `src/` and `dist/`, what it exports at run time. The bundler of types loses
 *   the word `type` in `export type { X }` where X is the name of a value, too, so that a compiler would let people
 *   import what is not there.
 */
export async function writeDeclarations(values: Record<string, string[]>): Promise<void> {
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
  for (const file of output)
    if (file.type === 'chunk') await writeFile(...declarationsOf(file, values[file.name] ?? []))
}

function declarationsOf({ name, code }: OutputChunk, values: string[]): [file: string, text: string] {
  const names = [...code.matchAll(EXPORTS)].flatMap(([, list = '']) => list.split(', '))
  const types = names.filter((name) => !values.includes(name))
  const exports = `export { ${values.join(', ')} };\n${types.length === 0 ? '' : `export type { ${types.join(', ')} };\n`}`
  return [`dist/${name}.d.ts`, `${LIBRARY}${code.replace(EXPORTS, '')}${exports}`]
}
