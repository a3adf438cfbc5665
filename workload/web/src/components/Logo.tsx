export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M16 2c5 7 9 11.6 9 17a9 9 0 0 1-18 0c0-5.4 4-10 9-17z" fill="currentColor" />
      <path d="M11.5 19.5a4.5 4.5 0 0 0 4.5 4.5" className="logo-shine" />
    </svg>
  );
}
