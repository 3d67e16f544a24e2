#!/usr/bin/env node

/** The command of authentik's image, by which its compose file and its chart start it and ask for its health. */

const COMMANDS = ['server', 'worker', 'healthcheck']

const command = process.argv[2]
if (command !== undefined && COMMANDS.includes(command)) await import('../main.js')
else {
  const found = command === undefined ? 'no command' : JSON.stringify(command.slice(0, 100))
  process.stderr.write(`ak: found ${found}; allowed: ${COMMANDS.join(', ')}, as this is authentik-mock\n`)
  process.exitCode = 2
}
