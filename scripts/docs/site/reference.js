// An error's `Link` header leads to /docs#its_code: its sentence is on the page of the errors.
(() => {
  const codes = document.currentScript.dataset.errors.split(" ");
  const leadOn = () => {
    const code = location.hash.slice(1);
    if (codes.includes(code)) location.replace(`/docs/errors#${code}`);
  };
  addEventListener("hashchange", leadOn);
  leadOn();
})();
