/** Stands in for the migration tool's TypeScript loader in the bundle (see `build.ts`). */
export function createJiti(): { import: (file: string) => never } {
  return {
    import: (file) => {
      throw new Error(`${file}: migrations are SQL files`);
    },
  };
}
