import { execFile } from 'node:child_process'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'rolldown'

/** How authentik's generated clients are installed, started, and looked into, one entry a language. */

export interface Language {
  /** As its registry calls the client. */
  package: string
  versions: string[]
  /** What must run for the client to be tried. */
  toolchain: [command: string, ...args: string[]]
  /** Puts a version, and the program that takes the steps through it, into an empty folder. */
  install(version: string, folder: string): Promise<void>
  start(folder: string): { command: string; args?: string[]; variables?: Record<string, string> }
  /** The file of a model in the client's source, and what a field of it looks like there. */
  model(name: string, folder: string, version: string): Promise<string> | string
  field: RegExp
}

const SOURCES = import.meta.dirname
const CRATES = join(process.env['CARGO_HOME'] ?? join(process.env['HOME'] ?? '', '.cargo'), 'registry', 'src')

export const LANGUAGES: Record<string, Language> = {
  typescript: {
    package: '@goauthentik/api',
    versions: [
      ...['2024.8.3-1729836831', '2024.10.2-1732206118', '2024.10.5-1734528783', '2024.12.3-1739965710'],
      ...['2025.2.4-1745325566', '2025.4.1-1748622869', '2025.8.1', '2025.8.6', '2025.10.3', '2025.10.4'],
      ...['2025.12.1', '2025.12.6', '2026.2.0', '2026.5.6', '2026.8.3'],
    ],
    toolchain: ['npm', '--version'],
    async install(version, folder) {
      await run(
        folder,
        'npm',
        'install',
        '--prefix',
        folder,
        '--ignore-scripts',
        '--no-audit',
        `@goauthentik/api@${version}`,
      )
      // Half of the versions hold nothing that Node.js can load, only what bundlers take.
      await copyFile(join(SOURCES, 'typescript', 'steps.js'), join(folder, 'steps.js'))
      await build({
        input: join(folder, 'steps.js'),
        platform: 'node',
        resolve: { mainFields: ['module'] },
        logLevel: 'silent',
        output: { file: join(folder, 'steps.mjs') },
      })
    },
    start: (folder) => ({ command: process.execPath, args: [join(folder, 'steps.mjs')] }),
    model: (name, folder) => join(folder, 'node_modules', '@goauthentik', 'api', 'src', 'models', `${name}.ts`),
    field: /^ +'\w+': .*?json\['(\w+)'\]/gm,
  },
  go: {
    package: 'goauthentik.io/api/v3',
    versions: ['v3.2026050.3'],
    toolchain: ['go', 'version'],
    async install(version, folder) {
      await copyFile(join(SOURCES, 'go', 'steps.go'), join(folder, 'steps.go'))
      await run(folder, 'go', 'mod', 'init', 'steps')
      await run(folder, 'go', 'get', `goauthentik.io/api/v3@${version}`)
      await run(folder, 'go', 'build', '-o', 'steps', '.')
    },
    start: (folder) => ({ command: join(folder, 'steps') }),
    async model(name, folder) {
      const { stdout } = await promisify(execFile)('go', ['list', '-m', '-f', '{{.Dir}}', 'goauthentik.io/api/v3'], {
        cwd: folder,
      })
      return join(stdout.trim(), `model_${snake(name)}.go`)
    },
    field: /^\t\w+ .*`json:"(\w+)/gm,
  },
  python: {
    package: 'authentik-client',
    versions: [
      ...['2024.8.3.post1729836879', '2024.10.5.post1734636723', '2025.2.4', '2025.4.4', '2025.6.4', '2025.8.1'],
      ...['2025.8.6', '2025.10.3', '2025.10.4', '2025.12.1', '2025.12.4', '2025.12.6', '2026.2.2', '2026.2.6'],
      ...['2026.5.6', '2026.8.3'],
    ],
    toolchain: ['python3', '-m', 'pip', '--version'],
    install: (version, folder) =>
      run(folder, 'python3', '-m', 'pip', 'install', '--quiet', '--target', folder, `authentik-client==${version}`),
    start: (folder) => ({
      command: 'python3',
      args: [join(SOURCES, 'python', 'steps.py')],
      variables: { PYTHONPATH: folder },
    }),
    model: (name, folder) => join(folder, 'authentik_client', 'models', `${snake(name)}.py`),
    field: /^ {12}"(\w+)": /gm,
  },
  rust: {
    package: 'authentik-client',
    versions: ['2025.2.4', '2026.8.3'],
    toolchain: ['cargo', '--version'],
    async install(version, folder) {
      const manifest = await readFile(join(SOURCES, 'rust', 'Cargo.toml'), 'utf8')
      await writeFile(join(folder, 'Cargo.toml'), manifest.replace('"=0.0.0"', `"=${version}"`))
      await copyFile(join(SOURCES, 'rust', 'steps.rs'), join(folder, 'steps.rs'))
      await copyFile(join(SOURCES, 'rust', 'lists', `${version}.rs`), join(folder, 'lists.rs'))
      await run(folder, 'cargo', 'build', '--quiet')
    },
    start: (folder) => ({ command: join(folder, 'target', 'debug', 'steps') }),
    async model(name, _, version) {
      const { stdout } = await promisify(execFile)('find', [CRATES, '-name', `authentik-client-${version}`])
      return join(stdout.trim(), 'src', 'models', `${snake(name)}.rs`)
    },
    field: /rename = "(\w+)"/g,
  },
}

/** As the generator of the clients spells a model in file names: `OAuth2Provider` as `o_auth2_provider`. */
function snake(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]|(?<=[A-Z])[A-Z](?=[a-z])/g, (letter) => `_${letter}`).toLowerCase()
}

/** @throws Error with the last line that the command printed */
async function run(folder: string, command: string, ...args: string[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  await promisify(execFile)(command, args, { cwd: folder, maxBuffer: 2 ** 26 }).catch(({ stderr, message }) => {
    const lines = String(stderr || message)
      .trim()
      .split('\n')
    throw new Error(`${command} ${args[0]}: ${lines.at(-1)}`)
  })
}
