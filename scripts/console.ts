import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, type OutputChunk, type Plugin } from 'rolldown'

/** Compiles the console page: Preact and all in one script, which browsers of today run as it is. */

const CONSOLE = join(import.meta.dirname, '..', 'src', 'control', 'console')
const PAGE = join(CONSOLE, 'page')

export interface BuiltConsole {
  /** By name, as they are served. */
  files: Record<string, string>
  chunk: OutputChunk
}

export async function buildConsole(): Promise<BuiltConsole> {
  const { output } = await build({
    input: { console: join(PAGE, 'main.tsx') },
    platform: 'browser',
    tsconfig: join(PAGE, 'tsconfig.json'),
    transform: { target: 'es2022' },
    write: false,
    output: { format: 'esm', minify: true },
  })
  const [chunk] = output
  const [html, css] = await Promise.all(['index.html', 'console.css'].map((name) => readFile(join(PAGE, name), 'utf8')))
  return { files: { 'index.html': html ?? '', 'console.css': css ?? '', 'console.js': chunk.code }, chunk }
}

/** Puts the files of the console into the bundle. */
export function consolePlugin({ files }: BuiltConsole): Plugin {
  const module = join(CONSOLE, 'page-files.ts')
  return {
    name: 'console',
    load: (id) => (id === module ? `export const consoleFiles = async () => (${JSON.stringify(files)})` : undefined),
  }
}
