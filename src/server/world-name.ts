/** What a world may be called: the name of `/@name/`. */
export const WORLD_NAME = '[A-Za-z0-9._-]{1,64}'
export const WORLD_NAME_ALLOWED = '1 to 64 letters, digits, ".", "_" and "-"'
