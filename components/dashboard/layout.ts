/** Columns of a dashboard. */
export const columns = 24;

export type Widget = Readonly<Record<string, unknown>>;
/** A widget without a place yet. */
export type Placeable = Readonly<{ width: number; height: number }> & Widget;

/** Each row begins on the left, below the one before, and goes on in a next line where it is full. */
export function placed(rows: readonly (readonly Placeable[])[]): Widget[] {
  let y = 0;
  return rows.flatMap((row) => {
    let x = 0;
    let height = 0;
    const widgets = row.map((widget) => {
      if (x + widget.width > columns) {
        y += height;
        x = 0;
        height = 0;
      }
      const place = { ...widget, x, y };
      x += widget.width;
      height = Math.max(height, widget.height);
      return place;
    });
    y += height;
    return widgets;
  });
}
