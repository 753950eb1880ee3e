import reflex as rx


class Counter(rx.State):
    count: int = 0

    @rx.event
    def more(self):
        self.count += 1


def index() -> rx.Component:
    return rx.vstack(
        rx.heading("Counted by an agent"),
        rx.text(Counter.count),
        rx.button("More", on_click=Counter.more),
    )


app = rx.App()
app.add_page(index, title="Counter")
