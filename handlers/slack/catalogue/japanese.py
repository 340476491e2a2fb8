"""What people press, in Japanese."""


class Japanese:
    """One method a text, as `Texts` declares them."""

    def approve(self, color: str, /) -> str:
        return f"{color} を承認"

    def reject(self) -> str:
        return "却下 …"

    def go_on(self) -> str:
        return "続行"

    def look_again(self) -> str:
        return "もう一度確認"

    def roll_back_because(self) -> str:
        return "元に戻す …"

    def roll_back(self) -> str:
        return "元に戻す"

    def roll_back_now(self) -> str:
        return "今すぐ元に戻す"

    def withdraw(self) -> str:
        return "取り下げる"

    def roll_back_now_title(self) -> str:
        return "今すぐ元に戻しますか?"

    def roll_back_title(self) -> str:
        return "元に戻しますか?"

    def roll_back_text(self, colors: str, /) -> str:
        return f"{colors} を元のリビジョンに戻します。"

    def withdraw_title(self) -> str:
        return "取り下げますか?"

    def withdraw_text(self) -> str:
        return "まだ何も変更されていません。"

    def leave(self) -> str:
        return "やめる"

    def reject_dialog_title(self, color: str, /) -> str:
        return f"{color} を却下"

    def reject_dialog_submit(self) -> str:
        return "却下"

    def roll_back_dialog_title(self, color: str, /) -> str:
        return f"{color} を元に戻す"

    def not_deployed(self, release: str, color: str, /) -> str:
        return f"{release} は {color} にデプロイされず、ロールアウトは終了します。"

    def not_kept(self, release: str, color: str, /) -> str:
        return f"{release} は {color} に残らず、ロールアウトは終了します。"

    def goes_back(self, color: str, revision: str, /) -> str:
        return f"*{color}* は {revision} に戻ります。"

    def nothing_goes_back(self) -> str:
        return "まだどの色も変更されていないので、戻すものはありません。"

    def why_label(self) -> str:
        return "理由"

    def why_placeholder(self) -> str:
        return "気づいたことを書いてください"
