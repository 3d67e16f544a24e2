import { writeFile } from 'node:fs/promises'
import { rollup } from 'rollup'
import { dts } from 'rollup-plugin-dts'

/** For `AsyncDisposable`, which older targets of TypeScript do not know by themselves. */
const LIBRARY = '/// <reference lib="esnext.disposable" />\n'
const EXTERNAL = /^(?:typebox$|testcontainers$|node:)/
const EXPORTS = /^export (?:type )?\{ (.+) \};\n?/gm

/**
 * Writes the types of an entry of the library as one file; those of the library itself stay in theirs.
 *
 * @param name that of the entry in `src/` and `dist/`, without what it ends in
 * @param values what the library exports at run time. The bundler of types loses the word `type` in `export type { X }`
 *   where X is the name of a value, too, so that a compiler would let people import what is not there.
 */
export async function writeDeclarations(name: string, values: string[]): Promise<void> {
  const bundle = await rollup({
    input: `src/${name}.ts`,
    plugins: [dts({ tsconfig: 'tsconfig.json' })],
    external: (module) => EXTERNAL.test(module) || (name !== 'index' && module === '../index.js'),
    onwarn: ({ message }) => {
      throw new Error(message)
    },
  })
  const { output } = await bundle.generate({ format: 'es' })
  const { code } = output[0]
  const names = [...code.matchAll(EXPORTS)].flatMap(([, list = '']) => list.split(', '))
  const types = names.filter((name) => !values.includes(name))
  const exports = `export { ${values.join(', ')} };\n${types.length === 0 ? '' : `export type { ${types.join(', ')} };\n`}`
  await writeFile(`dist/${name}.d.ts`, `${LIBRARY}${code.replace(EXPORTS, '')}${exports}`)
}
