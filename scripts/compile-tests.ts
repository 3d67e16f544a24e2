import { readdir, rm } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'rolldown'
import { OUTSIDE } from './bundle.js'
import { buildConsole, consolePlugin } from './console.js'

/** What tests and scripts import by themselves is loaded from where it is installed; helpers of the compiler are not. */
const PACKAGE = /^(?!@oxc-project\/)[^./\0]/
const BUNDLED = /\/(?:src|node_modules)\//

/** Programs of this repository that tests run (`runScript` in `test/process.ts`). */
const PROGRAMS = ['replay/run', 'clients/run', 'clients/oauth2/run']

/** Modules find what lies beside their sources. */
const places: Plugin = {
  name: 'places',
  transform: {
    filter: { id: { include: /\.ts$/, exclude: /\/node_modules\// }, code: 'import.meta.' },
    handler: (code, id) => ({
      code: code
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(id)))
        .replaceAll('import.meta.filename', JSON.stringify(id))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)),
      map: null,
    }),
  },
}

/**
 * Compiles all tests, and what they test along with them: to load 700 modules of TypeScript one by one takes two seconds
 * of each test file, and one that holds them all a tenth of that.
 *
 * @param out a folder of the repository, which is emptied
 * @returns for each test its source and the program
 */
export async function compileTests(out: string): Promise<{ source: string; program: string }[]> {
  const names = (await readdir('test', { recursive: true }))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => name.slice(0, -'.ts'.length))
    .sort()
  const page = await buildConsole()
  await rm(out, { recursive: true, force: true })
  await build({
    input: Object.fromEntries([
      ...names.map((name) => [name, `test/${name}.ts`]),
      ...PROGRAMS.map((name) => [name, `${name}.ts`]),
    ]),
    platform: 'node',
    plugins: [consolePlugin(page), places],
    external: (module, importer = '') =>
      OUTSIDE.has(module) || (PACKAGE.test(module) && !isAbsolute(module) && !BUNDLED.test(importer)),
    transform: { target: 'node20' },
    output: {
      dir: out,
      chunkFileNames: 'chunks/[name]-[hash].js',
      sourcemap: true,
      sourcemapExcludeSources: true,
      keepNames: true,
      codeSplitting: { groups: [{ name: 'library', test: /\/src\/index\.ts$/ }] },
    },
  })
  return names.map((name) => ({ source: `test/${name}.ts`, program: join(out, `${name}.js`) }))
}
