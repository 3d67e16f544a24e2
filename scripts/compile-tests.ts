import { readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'rolldown'
import { OUTSIDE } from './bundle.js'
import { buildConsole, consolePlugin } from './console.js'

/** What tests and scripts import by themselves is loaded from where it is installed; helpers of the compiler are not. */
const PACKAGE = /^(?!@oxc-project\/)[^./\0]/
const BUNDLED = /\/(?:src|node_modules)\//

/** So many test files share a process: each start takes half a second, and code is faster once it has run. */
const TOGETHER = 8

/** Test files that run in one process. */
export interface TestProgram {
  name: string
  program: string
}

/** Folders whose tests wait for browsers, stores and programs: they begin first, and the others run beside them. */
const WAITING = ['control', 'store', 'cli']

/** Programs of this repository that tests run (`runScript` in `test/process.ts`). */
const PROGRAMS = ['replay/run', 'clients/run', 'clients/oauth2/run']

/** Loaded first by each program. */
const FIRST = 'scripts/no-domains'

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
 * @param wanted whether a test is to run
 * @returns what runs them
 */
export async function compileTests(out: string, wanted: (source: string) => boolean): Promise<TestProgram[]> {
  const names = (await readdir('test', { recursive: true }))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => name.slice(0, -'.ts'.length))
    .sort()
  const page = await buildConsole()
  await rm(out, { recursive: true, force: true })
  await build({
    input: Object.fromEntries([
      ...names.map((name) => [name, `test/${name}.ts`]),
      ...[...PROGRAMS, FIRST].map((name) => [name, `${name}.ts`]),
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
  const chosen = names.filter((name) => wanted(`test/${name}.ts`))
  return Promise.all([...WAITING, 'others'].flatMap((group) => programsOf(out, group, chosen)))
}

/** Neighbours share a process: what they test is the same code, and browser tests have one browser. */
function programsOf(out: string, group: string, tests: string[]): Promise<TestProgram>[] {
  const grouped = tests.filter((name) => groupOf(name) === group)
  const count = Math.ceil(grouped.length / TOGETHER)
  const at = (part: number) => Math.round((part * grouped.length) / count)
  return Array.from({ length: count }, async (_, i) => {
    const mine = grouped.slice(at(i), at(i + 1))
    const program = join(out, `${group}-${i + 1}.js`)
    await writeFile(program, [FIRST, ...mine].map((name) => `import './${name}.js'\n`).join(''))
    return { name: `test: ${mine.map((name) => name.slice(0, -'.test'.length)).join(', ')}`, program }
  })
}

function groupOf(name: string): string {
  return WAITING.find((folder) => dirname(name) === folder) ?? 'others'
}
