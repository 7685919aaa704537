import { useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { loadFrom } from "checkout-doctor";

loadFrom(import.meta.env.VITE_DOCTOR);

function Doctor({ onReport }) {
  const element = useRef(null);
  useEffect(() => {
    const { current } = element;
    const report = ({ detail }) => onReport(detail.verdict);
    current.addEventListener("checkout-doctor:report", report);
    return () => current.removeEventListener("checkout-doctor:report", report);
  }, [onReport]);
  return <checkout-doctor ref={element} lang="en"><p>Call us.</p></checkout-doctor>;
}

function Payment() {
  const [verdict, setVerdict] = useState("");
  const [failed, setFailed] = useState(true);
  return (
    <form onSubmit={(event) => (event.preventDefault(), setFailed(!failed))}>
      <label>Card <input autoComplete="cc-number" /></label>
      <button>Pay</button>
      {failed && <Doctor onReport={setVerdict} />}
      <output>{verdict}</output>
    </form>
  );
}

createRoot(document.querySelector("main")).render(<Payment />);
