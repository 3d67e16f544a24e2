import hooks from 'node:async_hooks'
import { syncBuiltinESMExports } from 'node:module'

/**
 * Loaded before tap, which follows every promise to tell which test threw what nobody caught. That takes a tenth of the
 * time; without it such an error ends the program, which fails, and Node prints where it was thrown.
 */
const nothing = { enable: () => nothing, disable: () => nothing }
hooks.createHook = () => nothing
syncBuiltinESMExports()
