from helpdesk.outbox.identity import is_own_loop_mark, loop_mark, new_message_id, scope_of


def test_new_message_id_proves_its_scope_in_the_senders_domain() -> None:
    message_id = new_message_id(scope="t17", address="amt@müller.example")

    assert message_id.endswith("@xn--mller-kva.example>")
    assert scope_of(message_id) == "t17"
    assert scope_of(message_id.replace(".t17.", ".t18.")) is None


def test_loop_mark_is_known_again_and_cannot_be_made_up() -> None:
    mark = loop_mark(3)

    assert is_own_loop_mark(f" {mark} ")
    assert not is_own_loop_mark(mark.replace("3.", "4.", 1))
    assert not is_own_loop_mark("3.")
    assert not is_own_loop_mark("")
    assert not is_own_loop_mark("ä.ö")
