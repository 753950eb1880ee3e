/** What a failed step lacked, as far as its words say: a fact. What brings it is a question of the plan (`plan/fixes.ts`). */
export type Missing =
  /** `libpq-fe.h` */
  | { readonly kind: 'header'; readonly name: string }
  /** a program of the build: `gcc`, `pg_config`; of an unknown name none is meant */
  | { readonly kind: 'tool'; readonly name: string }
  /** a shared library by its soname: `libGL.so.1` */
  | { readonly kind: 'library'; readonly name: string }
  /** an import of the program (`cv2`), or a package of npm (`zod`) */
  | { readonly kind: 'module'; readonly ecosystem: 'pypi' | 'npm'; readonly name: string }
  /** another version of the runtime: a range as the ecosystem writes them */
  | { readonly kind: 'runtime'; readonly runtime: 'python' | 'node'; readonly range: string }
  /** a package that the distribution does not have */
  | { readonly kind: 'system-package'; readonly name: string }
