// The API takes https only, except on one's own machine: no key is to be entered where it would go out by http.
if (
  location.protocol === "http:" &&
  !/^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(location.hostname)
)
  location.protocol = "https:";

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
