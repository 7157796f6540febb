import pytest

from alerts.replies import Asked, asked


@pytest.mark.parametrize(
    "text",
    [
        *(
            "STOP",
            "stop",
            " Stop. ",
            "S T O P",
            "“STOP”!",
            "stop\n",
            "ＳＴＯＰ",
            "Stop all",
            "STOPALL",
            "Unsubscribe",
            "cancel",
            "END",
        ),
        *(
            "quit",
            "ARRET",
            "Arrêt",
            "arre\u0302t",
            "BAJA",
            "alto",
            "Parar",
            "SAIR",
            "STOPP",
            "Anhalten",
            "stoppen",
            "Afmelden",
        ),
        *(
            "AUFHÖREN",
            "desabonner",
            "Désabonner",
            "ΣΤΟΠ",
            "Στόπ",
            "СТОП",
            "стоп!",
            "Отписаться",
            "توقف",
            "إيقاف",
            "تَوَقَّف",
            "עצור",
        ),
        *(
            "रोकें",
            "बंद करो",
            "বন্ধ",
            "หยุด",
            "Dừng lại",
            "停止",
            "退订",
            "수신거부",
            "İPTAL",
            "ZATRZYMAJ",
            "acha",
            "itigil",
        ),
    ],
)
def test_stop_is_understood_in_every_language(text):
    assert asked(text) is Asked.STOP


@pytest.mark.parametrize(
    "text", ["", "   ", "I saw the car at the stop sign", "End of Main Street?", "👍", "stopp'd by", "रक"]
)
def test_what_else_people_write_ends_nothing(text):
    assert asked(text) is None


@pytest.mark.parametrize(
    ("text", "meant"), [("Start", Asked.START), ("HELP", Asked.HELP), ("ayuda?", Asked.HELP), ("Старт", Asked.START)]
)
def test_start_and_help_are_other_questions(text, meant):
    assert asked(text) is meant
