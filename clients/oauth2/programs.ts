import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** How each client is installed and started, once its folder was copied; what it is stands in the manifest there. */

export interface Program {
  /** The file with the exact versions of what is tried. */
  manifest: string
  /** A package and its version there. */
  pinned: RegExp
  install(folder: string): Promise<void>
  start: [command: string, ...args: string[]]
  variables?: Record<string, string>
  /** The client of the world that it is: an application on a server, unless it is said. */
  as?: 'page'
  /** The path of the redirect URI: `/callback`, unless it is said. */
  callback?: string
}

const npm: Program = {
  manifest: 'package.json',
  pinned: /"([^"]+)": "(\d[^"]*)"/g,
  install: (folder) => run(folder, 'npm', 'install', '--ignore-scripts', '--no-audit', '--no-package-lock'),
  start: [process.execPath, 'steps.js'],
}

export const PROGRAMS: Record<string, Program> = {
  'openid-client': npm,
  oauth4webapi: npm,
  authlib: {
    manifest: 'requirements.txt',
    pinned: /^(\S+)==(\S+)$/gm,
    install: (folder) =>
      run(folder, 'python3', '-m', 'pip', 'install', '--quiet', '--target', 'packages', '-r', 'requirements.txt'),
    start: ['python3', 'steps.py'],
    variables: { PYTHONPATH: 'packages' },
  },
  go: {
    manifest: 'go.mod',
    pinned: /^(?:require )?\t?(golang\.org\/x\/oauth2|github\.com\/coreos\/go-oidc\/v3) (\S+)$/gm,
    install: (folder) => run(folder, 'go', 'build', '-o', 'steps', '.'),
    start: ['./steps'],
  },
  openidconnect: {
    manifest: 'Cargo.toml',
    pinned: /^(openidconnect) = \{ version = "=([^"]+)"/gm,
    install: (folder) => run(folder, 'cargo', 'build', '--quiet'),
    start: ['./target/debug/steps'],
  },
  'oauth2-proxy': {
    manifest: 'module.txt',
    pinned: /^(\S+) (\S+)$/gm,
    async install(folder) {
      const [module, version] = (await readFile(join(folder, 'module.txt'), 'utf8')).trim().split(' ')
      await run(folder, 'env', `GOBIN=${folder}`, 'go', 'install', `${module}@${version}`)
    },
    start: [process.execPath, 'steps.js'],
    callback: '/oauth2/callback',
  },
  // Needs Chromium: docs/clients.md says where it is looked for.
  'oidc-client-ts': { ...npm, as: 'page' },
}

/** @throws Error with the last line that the command printed */
async function run(folder: string, command: string, ...args: string[]): Promise<void> {
  await promisify(execFile)(command, args, { cwd: folder, maxBuffer: 2 ** 26 }).catch(({ stderr, message }) => {
    const lines = String(stderr || message)
      .trim()
      .split('\n')
    throw new Error(`${command} ${args[0]}: ${lines.at(-1)}`)
  })
}
