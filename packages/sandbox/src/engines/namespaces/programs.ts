/** The two programs of the system that the engine stands on. */
import { findProgram } from '../../supervision/find-program.ts'

export type Programs = { readonly bubblewrap: string; readonly perl: string }

export function findPrograms(): Programs {
  return { bubblewrap: findProgram('bwrap', 'bubblewrap'), perl: findProgram('perl', 'perl-base') }
}
