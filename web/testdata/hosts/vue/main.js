import { createApp, h, ref } from "vue";
import { loadFrom } from "checkout-doctor";

loadFrom(import.meta.env.VITE_DOCTOR);

const Payment = {
  setup() {
    const verdict = ref("");
    const failed = ref(true);
    const submit = (event) => {
      event.preventDefault();
      failed.value = !failed.value;
    };
    const doctor = () => h("checkout-doctor", { lang: "en", "onCheckout-doctor:report": ({ detail }) => (verdict.value = detail.verdict) }, [h("p", "Call us.")]);
    return () =>
      h("form", { onSubmit: submit }, [
        h("label", ["Card ", h("input", { autocomplete: "cc-number" })]),
        h("button", "Pay"),
        failed.value && doctor(),
        h("output", verdict.value),
      ]);
  },
};

createApp(Payment).mount("main");
